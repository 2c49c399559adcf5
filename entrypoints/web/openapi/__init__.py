"""What the OpenAPI document says: of each call (`described`), of what calls have in common, and as a whole (`document`)."""
