"""住民: the registers of persons that every other module starts from."""
