"""Where the settings of an installation come from."""
