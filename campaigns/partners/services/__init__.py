"""What is written about partners. Each file has one subject; faces import from the files."""
