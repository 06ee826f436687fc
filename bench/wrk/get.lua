-- The same read again and again; path and headers come from the command line.

dofile("report.lua")
