"""Who is at risk and why before anything happens: index by stage, criticality, critical lists, review of a country."""
