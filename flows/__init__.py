"""When things happen: order, schedules, retries, events, decisions carried out."""
