"""The night: job nets of all municipalities planned on one capacity, run from a durable queue, watched."""
