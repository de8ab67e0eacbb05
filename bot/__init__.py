"""The conversation, and the channels it runs on."""
