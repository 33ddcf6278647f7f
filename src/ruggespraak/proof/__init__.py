"""What must hold for every patient: proofs, differences between editions, mutations. Needs the extra ``[proof]``."""
