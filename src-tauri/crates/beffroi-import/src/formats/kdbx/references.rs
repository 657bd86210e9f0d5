//! Fields that stand for those of other entries: `{REF:P@I:46C9B1FFBD4ABC4BBB260C6190BAD20C}`
//! (<https://keepass.info/help/base/fieldrefs.html>).
//!
//! Those that name an entry by its UUID are followed, one step: what they stand for is taken as it is written, unless it is
//! a reference itself. Others, and those that lead nowhere, stay as they are, and are told.

use std::collections::HashMap;

use beffroi_secret::SecretText;
use zeroize::Zeroizing;

use super::document::Draft;
use crate::limits::{MOST_TEXT, MOST_VALUE};

const OPENS: &str = "{REF:";

/// Follows all of them. Gives the places of the entries where some stayed.
pub(super) fn follow(drafts: &mut [Draft]) -> Vec<usize> {
    let mut followed: Vec<(usize, usize, SecretText)> = Vec::new();
    let mut stayed = Vec::new();
    // What may come of all of them together: many short references to one long value are many long values.
    let mut room = MOST_TEXT;
    let mut places = None;
    for (place, draft) in drafts.iter().enumerate() {
        let mut stays = false;
        for (number, text) in draft.strings.iter().enumerate() {
            // Looked through for references.
            let value = text.value.expose();
            if find(value).is_none() {
                continue;
            }
            let places = places.get_or_insert_with(|| drafts.iter().enumerate().map(|(place, draft)| (draft.uuid, place)).collect());
            let (value, all) = replace(value, drafts, places, &mut room);
            stays |= !all;
            followed.push((place, number, value));
        }
        if stays {
            stayed.push(place);
        }
    }
    for (place, number, value) in followed {
        let text = drafts.get_mut(place).and_then(|draft| draft.strings.get_mut(number));
        text.into_iter().zip([value]).for_each(|(text, value)| text.value = value);
    }
    stayed
}

/// Where the first reference begins.
fn find(text: &str) -> Option<usize> {
    text.match_indices('{').map(|(at, _)| at).find(|at| is_reference(text, *at))
}

fn is_reference(text: &str, at: usize) -> bool {
    text.get(at..at + OPENS.len()).is_some_and(|opens| opens.eq_ignore_ascii_case(OPENS))
}

/// The text with its references followed, and whether all were.
fn replace(text: &str, drafts: &[Draft], places: &HashMap<[u8; 16], usize>, room: &mut u64) -> (SecretText, bool) {
    let mut whole = Zeroizing::new(String::with_capacity(text.len()));
    let (mut rest, mut all) = (text, true);
    while let Some(at) = find(rest) {
        let (before, reference) = rest.split_at(at);
        whole.push_str(before);
        let end = reference.find('}').map_or(reference.len(), |end| end + 1);
        let (reference, after) = reference.split_at(end);
        let target = target(reference, drafts, places).filter(|target| {
            let length = target.len() as u64;
            let fits = length <= *room && whole.len() + target.len() <= MOST_VALUE;
            *room -= if fits { length } else { 0 };
            fits
        });
        all &= target.is_some();
        whole.push_str(target.as_ref().map_or(reference, |target| target));
        rest = after;
    }
    whole.push_str(rest);
    (SecretText::new(std::mem::take(&mut *whole)), all)
}

/// What a reference stands for.
fn target(reference: &str, drafts: &[Draft], places: &HashMap<[u8; 16], usize>) -> Option<Zeroizing<String>> {
    let inside = reference.get(OPENS.len()..)?.strip_suffix('}')?;
    let (wanted, id) = inside.split_once('@')?;
    let (by, id) = id.split_once(':')?;
    if !by.eq_ignore_ascii_case("I") || id.len() != 32 {
        return None;
    }
    let uuid = u128::from_str_radix(id, 16).ok()?.to_be_bytes();
    let draft = drafts.get(*places.get(&uuid)?)?;
    let name = match wanted {
        "T" | "t" => "Title",
        "U" | "u" => "UserName",
        "P" | "p" => "Password",
        "A" | "a" => "URL",
        "N" | "n" => "Notes",
        "I" | "i" => return Some(Zeroizing::new(id.to_owned())),
        _ => return None,
    };
    // It takes the place of the reference.
    let value = draft.strings.iter().find(|text| text.name == name).map_or("", |text| text.value.expose());
    find(value).is_none().then(|| Zeroizing::new(value.to_owned()))
}
