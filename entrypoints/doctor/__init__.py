"""`greenroom doctor`: every setting and service looked at from the outside, one finding after the other."""
