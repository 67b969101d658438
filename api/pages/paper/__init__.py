"""Paper: drive order, pool list and note for the file, as tagged PDF in both languages."""

from __future__ import annotations

from api.pages.paper import drive_order, note, pool_list

ROUTERS = (drive_order.router, pool_list.router, note.router)
