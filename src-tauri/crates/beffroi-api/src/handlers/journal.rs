//! The journal.

use std::collections::BTreeMap;
use std::path::Path;

use beffroi_app::{ChainFacts, JournalFacts, JournalLine, hex};

use crate::wire::{
    JournalChain, JournalCheck, JournalExport, JournalExported, JournalPage, JournalPageRequest, JournalReport, JournalRow, Nothing,
    WireMessage,
};
use crate::{Api, ApiError};

impl Api {
    /// `journal_list`
    pub async fn journal_list(&self, request: JournalPageRequest) -> Result<JournalPage, ApiError> {
        let (lines, total) = self.app().journal(request.before, request.limit.unwrap_or(100)).await?;
        Ok(JournalPage { entries: lines.into_iter().map(row).collect(), total })
    }

    /// `journal_verify`
    pub async fn journal_verify(&self, _: Nothing) -> Result<JournalReport, ApiError> {
        Ok(report(self.app().verify_journal().await?))
    }

    /// `journal_check`
    pub async fn journal_check(&self, request: JournalCheck) -> Result<JournalReport, ApiError> {
        Ok(report(self.app().check_export(Path::new(&request.path), request.signer).await?))
    }

    /// `journal_export`
    pub async fn journal_export(&self, request: JournalExport) -> Result<JournalExported, ApiError> {
        let entries = self.app().export_journal(Path::new(&request.path)).await?;
        Ok(JournalExported { path: request.path, entries })
    }
}

fn report(facts: JournalFacts) -> JournalReport {
    let chain = |chain: ChainFacts| JournalChain {
        id: chain.id.to_string(),
        person: chain.person,
        device: chain.device.to_string(),
        entries: chain.entries,
        signed: chain.signed,
        signer: chain.signer.as_ref().map(beffroi_vault::IdentityCard::fingerprint),
        signer_name: chain.signer.map(|card| card.name().to_owned()),
    };
    JournalReport {
        intact: facts.broken_at.is_none(),
        entries: facts.entries,
        broken_at: facts.broken_at,
        head: hex(&facts.head),
        chains: facts.chains.into_iter().map(chain).collect(),
    }
}

fn row(line: JournalLine) -> JournalRow {
    let (mut values, mut items) = (BTreeMap::new(), Vec::new());
    for (name, of_name) in line.entry.values_by_name() {
        match of_name.as_slice() {
            [only] => drop(values.insert(name.to_owned(), (*only).to_owned())),
            several => items.extend(several.iter().map(|item| (*item).to_owned())),
        }
    }
    JournalRow {
        items,
        sequence: line.sequence,
        chain: line.chain.to_string(),
        number: line.entry.sequence,
        at_ms: line.entry.at_ms,
        person: line.entry.person,
        event: WireMessage { key: format!("journal.{}", line.entry.event), values },
        host: line.host,
        mac: hex(&line.mac),
    }
}
