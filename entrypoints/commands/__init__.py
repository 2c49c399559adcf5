"""What the commands of the command line do, each told apart from its options and words."""
