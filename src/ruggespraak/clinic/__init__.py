"""The practice's records: patients, episodes, facts that only add up, decisions that can be made again, reminders."""
