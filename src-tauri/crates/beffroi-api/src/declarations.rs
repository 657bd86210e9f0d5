//! The declarations of the wire's types in TypeScript.

use std::collections::BTreeMap;

use ts_rs::{Config, TS, TypeVisitor};

/// Every type that others are made of, by its name.
pub(crate) struct Declarations<'a> {
    pub(crate) config: &'a Config,
    pub(crate) found: BTreeMap<String, String>,
}

impl TypeVisitor for Declarations<'_> {
    fn visit<T: TS + 'static + ?Sized>(&mut self) {
        let name = T::name(self.config);
        let named = name.chars().next().is_some_and(char::is_uppercase) && name.chars().all(char::is_alphanumeric);
        if named && !self.found.contains_key(&name) {
            self.found.insert(name.clone(), String::new());
            let docs = T::docs().unwrap_or_default();
            self.found.insert(name, format!("{docs}export {}\n", T::decl(self.config)));
        } else if named {
            return;
        }
        T::visit_dependencies(self);
        T::visit_generics(self);
    }
}
