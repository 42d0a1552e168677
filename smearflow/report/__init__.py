"""One run as one offline page: `pages.write_report` writes reports/index.html."""
