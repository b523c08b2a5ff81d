"""What may leave the hands of those who may open the diaries: numbers in which nobody can be found. Pure."""
