"""Standard Webhooks: messages that prove where they come from, whatever language they were made in."""
