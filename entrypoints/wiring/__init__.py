"""The composition root: reads the settings, makes the adapters, joins them, and closes them. It alone names adapters."""
