"""HTTP to a server elsewhere: a worker's way to tickets, to the files behind their links, and back with its reports."""
