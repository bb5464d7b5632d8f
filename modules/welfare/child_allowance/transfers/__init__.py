"""総合振込 of the payments: the file for the bank, and who waits because no account of use 給付 is known."""
