"""Jobs, assets, uploads and the feed in Redis or Valkey, alone or in a cluster."""
