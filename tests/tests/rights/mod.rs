//! What a jurist approves about rights: the matrix and the doors that it covers, the guarantees
//! that a solver proves, and properties of random acteurs against an oracle that knows nothing of
//! the policies; and what the log is told of each decision.

mod ecoute;
mod garanties;
mod journalisation;
mod matrix;
mod monde;
mod portes;
mod properties;
