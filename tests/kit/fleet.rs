//! A sandbox whose vault knows hosts of a lab.

use std::net::TcpListener;

use crate::{Answer, Lab, LabHost, Sandbox};

/// A machine with a vault, hosts, and these hosts in the vault.
#[derive(Debug)]
pub struct Fleet {
    /// The machine.
    pub sandbox: Sandbox,
    /// The hosts.
    pub lab: Lab,
}

impl Fleet {
    /// Starts a lab, makes a vault, stores the lab's key as the secret `key`, and adds these hosts, their keys trusted.
    #[track_caller]
    pub fn of(hosts: &[&str]) -> Self {
        let fleet = Self { lab: Lab::up(), sandbox: Sandbox::with_vault() };
        let key = fleet.lab.client_key();
        let key = key.to_str().expect("the temporary folder has a plain name");
        drop(fleet.sandbox.beffroi(&["secret", "set", "key", "--from-file", key]).success());
        for name in hosts {
            let host = fleet.lab.host(name).clone();
            fleet.add(name, &host);
        }
        fleet
    }

    /// Adds a host to the vault, its key trusted, logged in to with the secret `key`.
    #[track_caller]
    pub fn add(&self, name: &str, host: &LabHost) {
        let trusted = ["--trust", &host.fingerprint, "--identity", "key"];
        drop(self.add_with(name, host, &trusted).success());
    }

    /// Adds a host to the vault with these flags besides its address, port and account.
    #[track_caller]
    pub fn add_with(&self, name: &str, host: &LabHost, flags: &[&str]) -> Answer {
        let port = host.port.to_string();
        self.sandbox.beffroi(&[&["host", "add", name, &host.address, "--port", &port, "--user", &host.user], flags].concat())
    }

    /// Adds a host at whose port nobody listens.
    #[track_caller]
    pub fn add_dead(&self, name: &str) {
        let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a port is free");
        let port = listener.local_addr().expect("it listens somewhere").port();
        let host = LabHost { port, ..self.lab.host("plain-1").clone() };
        self.add(name, &host);
    }
}
