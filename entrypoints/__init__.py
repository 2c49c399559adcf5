"""The ways in: the web application, the command line, and the wiring that joins the rest."""
