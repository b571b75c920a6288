"""Results for other tools: IAMC, NetCDF, Parquet and CSV, flow arrays of material flow analysis, tables for Sankey tools."""
