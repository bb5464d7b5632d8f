"""Tables of the kernel and the two migration trees."""
