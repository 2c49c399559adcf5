"""What is counted while it runs, and how Prometheus is told: the same from whichever server process it asks."""
