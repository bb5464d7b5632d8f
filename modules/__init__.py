"""The businesses: a folder per module, a folder per business in it."""
