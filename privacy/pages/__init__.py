"""What the pages of `privacy` show, read from the database and put into words."""
