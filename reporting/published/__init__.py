"""What is stored of the publication, and how it is shown: pages, and files for everybody."""
