"""How `gunicorn loyalty.wsgi` serves: threads in one process unless WEB_CONCURRENCY asks for more.

Rate limits count in the cache, and the default cache lives inside one process. So several processes are refused until
CACHE_URL names a cache they share.
"""

from __future__ import annotations

import os
import sys

bind = os.environ.get("BIND", f"127.0.0.1:{os.environ.get('PORT', '8000')}")
workers = int(os.environ.get("WEB_CONCURRENCY", "1"))
threads = int(os.environ.get("WEB_THREADS", "8"))
worker_class = "loyalty.web.workers.FairWorker"
max_requests = 10_000
max_requests_jitter = 1_000
graceful_timeout = 30
control_socket_disable = True
accesslog = None  # the application logs each request itself, with its id

if workers > 1 and os.environ.get("CACHE_URL", "locmemcache://").startswith("locmem"):
    sys.exit(
        "WEB_CONCURRENCY is above 1, but each process would count rate limits for itself. "
        "Set CACHE_URL to a shared cache: redis://…, filecache:///path or dbcache://table."
    )
