"""sbx agents whose compiled programs are shared by every run of the same shapes."""
