"""pywikibot, before its version 10 by sseclient and since by requests-sse. It tells no ids, and passes empty events over."""

import json
import os
import tempfile

os.environ |= {"PYWIKIBOT_NO_USER_CONFIG": "2", "PYWIKIBOT_DIR": tempfile.mkdtemp()}

from pywikibot.comms.eventstreams import EventStreams  # noqa: E402

from reading import PAUSE, URL, report  # noqa: E402

# Without a site, which it would ask who it is.
for event in EventStreams(site=None, url=URL, retry=PAUSE * 1000):
    report(None, json.dumps(event))
