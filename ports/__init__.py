"""What Greenroom asks of the world: protocols, and the frozen structs that cross them."""
