"""What the mock server remembers. SQL is written in this package and nowhere else."""
