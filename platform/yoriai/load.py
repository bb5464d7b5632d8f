"""What web processes and background work agree on about how quickly the counters answer."""

ENOUGH_REQUESTS = 20
"""Fewer answers in a report of the counters say nothing about their 95th percentile."""
