"""aiohttp-sse-client. It comes back by itself after an end, but not after a loss, when it must be made anew."""

import asyncio
import datetime

import aiohttp
from aiohttp_sse_client.client import EventSource

from reading import PAUSE, URL, report


async def read():
    headers = {}
    while True:
        source = EventSource(URL, headers=headers, reconnection_time=datetime.timedelta(seconds=PAUSE),
                             timeout=aiohttp.ClientTimeout(sock_read=60))
        try:
            async with source:
                async for event in source:
                    report(event.last_event_id, event.data)
                    headers = {"Last-Event-ID": event.last_event_id}
        except aiohttp.ClientError:
            await asyncio.sleep(PAUSE)


asyncio.run(read())
