"""Files of the trade (USGS, BGS, UN Comtrade, BACI, IEA, World Bank, any other by a mapping) turned into own tables."""
