"""Load on the counter, with locust, and the benchmark's ratios; see README.md."""
