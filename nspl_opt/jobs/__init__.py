"""Plans and what-ifs made in processes of their own, one per job: queued, watched, stopped, and told how they ended."""
