"""Objects in a bucket of R2, or of any other server that speaks S3."""
