"""What happens to jobs, read once for all who listen."""
