"""Full text search over whatever the rooms hang into `web.registry`: the box, the page, the API."""
