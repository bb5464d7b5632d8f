"""What the screens and the API show: the person's page, the household's, the movements. Each person opened is audited."""
