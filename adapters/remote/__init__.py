"""HTTP to others: a worker's way to its server and the files behind its links, and a server's way to an endpoint of workers."""
