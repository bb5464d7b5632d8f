"""The demo: four municipalities with invented residents on one machine."""
