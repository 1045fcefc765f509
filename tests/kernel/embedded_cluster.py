"""What the tests of the embedded PostgreSQL share: settings for a quick cluster, and one query to it."""

import asyncio
from typing import Literal

import asyncpg

from raccord.kernel.embedded_postgres import Cluster

FAST = {"fsync": "off", "shared_buffers": "16MB"}


def fetch(cluster: Cluster, sql: str, role: Literal["owner", "app"] = "owner", database: str = "raccord") -> object:
    async def run() -> object:
        connection = await asyncpg.connect(cluster.url(database, role).replace("+asyncpg", ""))
        try:
            return await connection.fetchval(sql)
        finally:
            await connection.close()

    return asyncio.run(run())
