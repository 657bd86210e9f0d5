//! YunoHost's language of conditions (`visible`, `enabled`), evaluated as its `src/utils/form.py` does: written like
//! JavaScript, turned into Python and evaluated there. So `!a == b` is `not (a == b)`, a text that holds a number equals that
//! number, and what cannot be evaluated is an error of YunoHost's: here it is not known.

use std::collections::BTreeMap;
use std::iter::Peekable;
use std::vec::IntoIter;

use regex::RegexBuilder;

/// The longest condition that is evaluated, and the deepest.
const LONGEST: usize = 4096;
const DEEPEST: usize = 64;

/// A value of the language.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Known {
    /// No value: what was not asked.
    Null,
    /// Yes or no.
    Bool(bool),
    /// A number.
    Number(f64),
    /// A text.
    Text(String),
}

impl Known {
    /// Whether Python takes it for true.
    fn holds(&self) -> bool {
        match self {
            Self::Null => false,
            Self::Bool(yes) => *yes,
            Self::Number(number) => *number != 0.0,
            Self::Text(text) => !text.is_empty(),
        }
    }

    /// As Python's `float` takes it; `None` is a fault of the condition.
    fn number(&self) -> Option<f64> {
        match self {
            Self::Null => None,
            Self::Bool(yes) => Some(f64::from(u8::from(*yes))),
            Self::Number(number) => Some(*number),
            Self::Text(text) => text.trim().parse().ok(),
        }
    }

    fn is_number(&self) -> bool {
        matches!(self, Self::Bool(_) | Self::Number(_))
    }

    /// As Python's `str` writes it.
    fn text(&self) -> String {
        match self {
            Self::Null => "None".to_owned(),
            Self::Bool(true) => "True".to_owned(),
            Self::Bool(false) => "False".to_owned(),
            Self::Number(number) => number.to_string(),
            Self::Text(text) => text.clone(),
        }
    }
}

/// Whether a condition holds with these values; `None` where YunoHost would break off on it, or it is not understood.
pub(crate) fn holds(condition: &str, values: &BTreeMap<&str, Known>) -> Option<bool> {
    if condition.trim().is_empty() {
        return Some(false);
    }
    if condition.len() > LONGEST {
        return None;
    }
    let mut reader = Reader { words: words(condition)?.into_iter().peekable(), values, depth: 0 };
    let known = reader.any()?;
    reader.words.next().is_none().then(|| known.holds())
}

#[derive(Debug, Clone, PartialEq)]
enum Word {
    Name(String),
    Text(String),
    Number(f64),
    Sign(&'static str),
}

/// Longer ones first.
const SIGNS: &[&str] = &["&&", "||", "==", "!=", "<=", ">=", "<", ">", "!", "+", "-", "*", "/", "%", "(", ")", ","];

fn words(condition: &str) -> Option<Vec<Word>> {
    let mut rest = condition.trim_start();
    let mut words = Vec::new();
    while let Some(first) = rest.chars().next() {
        let length = if first == '"' || first == '\'' {
            let (text, length) = quoted(rest, first)?;
            words.push(Word::Text(text));
            length
        } else if first.is_ascii_digit() {
            let length = rest.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(rest.len());
            words.push(Word::Number(rest.get(..length)?.parse().ok()?));
            length
        } else if first.is_alphabetic() || first == '_' {
            let length = rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len());
            words.push(match rest.get(..length)? {
                "and" => Word::Sign("&&"),
                "or" => Word::Sign("||"),
                "not" => Word::Sign("!"),
                name => Word::Name(name.to_owned()),
            });
            length
        } else {
            let sign = SIGNS.iter().find(|sign| rest.starts_with(**sign))?;
            words.push(Word::Sign(sign));
            sign.len()
        };
        rest = rest.get(length..)?.trim_start();
    }
    Some(words)
}

/// A text in quotes, and how many bytes it takes. An escape that Python does not know stays as it is.
fn quoted(from: &str, quote: char) -> Option<(String, usize)> {
    let (mut text, mut escaped) = (String::new(), false);
    for (at, letter) in from.char_indices().skip(1) {
        match (escaped, letter) {
            (true, 'n') => text.push('\n'),
            (true, 't') => text.push('\t'),
            (true, '\\' | '\'' | '"') => text.push(letter),
            (true, other) => text.extend(['\\', other]),
            (false, '\\') => {}
            (false, letter) if letter == quote => return Some((text, at + 1)),
            (false, letter) => text.push(letter),
        }
        escaped = !escaped && letter == '\\';
    }
    None
}

/// Reads and evaluates in one go, in the order of Python's operators: `or`, `and`, `not`, comparisons, sums, products.
struct Reader<'a> {
    words: Peekable<IntoIter<Word>>,
    values: &'a BTreeMap<&'a str, Known>,
    depth: usize,
}

impl Reader<'_> {
    fn takes(&mut self, sign: &str) -> bool {
        self.words.next_if(|word| matches!(word, Word::Sign(found) if *found == sign)).is_some()
    }

    fn one_of(&mut self, signs: &[&'static str]) -> Option<&'static str> {
        signs.iter().copied().find(|sign| self.takes(sign))
    }

    fn any(&mut self) -> Option<Known> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return None;
        }
        let mut known = self.all()?;
        while self.takes("||") {
            let other = self.all()?;
            known = Known::Bool(known.holds() || other.holds());
        }
        self.depth -= 1;
        Some(known)
    }

    fn all(&mut self) -> Option<Known> {
        let mut known = self.not()?;
        while self.takes("&&") {
            let other = self.not()?;
            known = Known::Bool(known.holds() && other.holds());
        }
        Some(known)
    }

    fn not(&mut self) -> Option<Known> {
        let mut times = 0_u32;
        while self.takes("!") {
            times += 1;
        }
        let known = self.compared()?;
        Some(if times == 0 { known } else { Known::Bool(known.holds() != (times % 2 == 1)) })
    }

    fn compared(&mut self) -> Option<Known> {
        const SIGNS: &[&str] = &["==", "!=", "<=", ">=", "<", ">"];
        let left = self.sum()?;
        let Some(sign) = self.one_of(SIGNS) else { return Some(left) };
        let right = self.sum()?;
        // More than one in a row is a fault there.
        if self.one_of(SIGNS).is_some() {
            return None;
        }
        compare(&left, sign, &right).map(Known::Bool)
    }

    fn sum(&mut self) -> Option<Known> {
        let mut known = self.product()?;
        while let Some(sign) = self.one_of(&["+", "-"]) {
            let other = self.product()?;
            let is_text = matches!(known, Known::Text(_)) || matches!(other, Known::Text(_));
            known = match sign {
                "+" if is_text => Known::Text(known.text() + &other.text()),
                "+" => Known::Number(known.number()? + other.number()?),
                _ => Known::Number(known.number()? - other.number()?),
            };
        }
        Some(known)
    }

    fn product(&mut self) -> Option<Known> {
        let mut known = self.single()?;
        while let Some(sign) = self.one_of(&["*", "/", "%"]) {
            let (left, right) = (known.number()?, self.single()?.number()?);
            known = Known::Number(match sign {
                "*" => left * right,
                _ if right == 0.0 => return None,
                "/" => left / right,
                _ => left - right * (left / right).floor(),
            });
        }
        Some(known)
    }

    fn single(&mut self) -> Option<Known> {
        if self.takes("-") {
            self.depth += 1;
            if self.depth > DEEPEST {
                return None;
            }
            let known = Known::Number(-self.single()?.number()?);
            self.depth -= 1;
            return Some(known);
        }
        if self.takes("(") {
            let known = self.any()?;
            return self.takes(")").then_some(known);
        }
        match self.words.next()? {
            Word::Number(number) => Some(Known::Number(number)),
            Word::Text(text) => Some(Known::Text(text)),
            Word::Name(name) if name == "match" && self.takes("(") => self.matched(),
            Word::Name(name) => match name.as_str() {
                "true" | "True" => Some(Known::Bool(true)),
                "false" | "False" => Some(Known::Bool(false)),
                "null" | "None" => Some(Known::Null),
                name => self.values.get(name).cloned(),
            },
            Word::Sign(_) => None,
        }
    }

    /// `match(name, 'expression')`: the value begins as the expression says.
    fn matched(&mut self) -> Option<Known> {
        let Word::Name(name) = self.words.next()? else { return None };
        let Known::Text(value) = self.values.get(name.as_str())?.clone() else { return None };
        let expression = if self.takes(",") { self.any()? } else { return None };
        if !self.takes(")") {
            return None;
        }
        begins(&expression.text(), &value).map(Known::Bool)
    }
}

/// Python's `re.match`; `None` for an expression that is not known here.
pub(super) fn begins(expression: &str, value: &str) -> Option<bool> {
    let anchored = RegexBuilder::new(&format!("^(?:{expression})")).size_limit(1 << 20).build().ok()?;
    Some(anchored.is_match(value))
}

fn compare(left: &Known, sign: &str, right: &Known) -> Option<bool> {
    if left.is_number() || right.is_number() {
        // Nothing beside a number is a fault there; a text that is no number differs.
        if matches!(left, Known::Null) || matches!(right, Known::Null) {
            return None;
        }
        let (Some(left), Some(right)) = (left.number(), right.number()) else { return Some(sign == "!=") };
        return Some(ordered(left.partial_cmp(&right), sign));
    }
    match (left, right) {
        (Known::Text(left), Known::Text(right)) => Some(ordered(Some(left.cmp(right)), sign)),
        _ => Some(match sign {
            "==" => left == right,
            "!=" => left != right,
            _ => false,
        }),
    }
}

fn ordered(order: Option<std::cmp::Ordering>, sign: &str) -> bool {
    match sign {
        "==" => order.is_some_and(std::cmp::Ordering::is_eq),
        "!=" => order.is_none_or(std::cmp::Ordering::is_ne),
        "<" => order.is_some_and(std::cmp::Ordering::is_lt),
        ">" => order.is_some_and(std::cmp::Ordering::is_gt),
        "<=" => order.is_some_and(std::cmp::Ordering::is_le),
        _ => order.is_some_and(std::cmp::Ordering::is_ge),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn evaluated(condition: &str) -> Option<bool> {
        let text = |text: &str| Known::Text(text.to_owned());
        let values = BTreeMap::from([
            ("on", Known::Bool(true)),
            ("off", Known::Bool(false)),
            ("colour", text("red")),
            ("count", Known::Number(3.0)),
            ("written", text("3")),
            ("empty", text("")),
            ("none", Known::Null),
        ]);
        holds(condition, &values)
    }

    /// What a real YunoHost 12.1.25 gives for these (`evaluate_simple_js_expression` with the values above).
    #[test]
    fn conditions_are_evaluated_as_yunohost_does() {
        for holding in [
            "on",
            "!off",
            "on && colour == 'red'",
            "off || count >= 3",
            "colour != \"green\"",
            "!(on && off)",
            "written == 3",
            "count == '3'",
            "match(colour, '^r')",
            "match(colour, 'r\\w+d$')",
            "!match(colour, 'g')",
            "count * 2 - 1 == 5",
            "'a' + 1 == 'a1'",
            "none == null",
            "empty == ''",
            "on == true",
            "!on == off",
            "off || off && on || on",
            "-count < 0",
            "count % 2 == 1",
            "colour != 1",
        ] {
            assert_eq!(evaluated(holding), Some(true), "{holding}");
        }
        for not in ["off", "", "  ", "on && off", "empty", "colour == 'green'", "written > 3", "none", "colour > 1", "none > 'a'", "!!off"]
        {
            assert_eq!(evaluated(not), Some(false), "{not}");
        }
    }

    #[test]
    fn what_yunohost_breaks_off_on_is_not_known() {
        for fault in [
            "nosuch",
            "on &",
            "on & off",
            "1 < 2 < 3",
            "count > none",
            "(on",
            "on)",
            "'open",
            "colour.x",
            "exit(1)",
            "match(nosuch, 'a')",
            "match(colour, '(?=x)')",
            "1 / 0",
            "on off",
            "${x}",
            // Python stops before the name that is not there: here it is not known either way.
            "on || nosuch",
        ] {
            assert_eq!(evaluated(fault), None, "{fault}");
        }
        assert_eq!(evaluated(&"(".repeat(4000)), None);
        assert_eq!(evaluated(&"-".repeat(4000)), None);
        assert_eq!(evaluated(&format!("{}on", "!".repeat(4000))), Some(true));
        assert_eq!(evaluated(&"x".repeat(5000)), None);
    }
}
