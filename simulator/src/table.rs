//! The rows of one kind of object, by the number in their ids: `cus_1`, `cus_2`, ... A test knows the ids it will see.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::failure::Failure;

/// An object that has an id of its own.
pub trait Row {
    /// What its id begins with, as in `cus_`.
    const PREFIX: &'static str;
    /// What it is called in a message, as in `customer`.
    const NAME: &'static str;

    fn id(&self) -> &str;
}

/// Rows in the order in which they were made.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Table<T> {
    /// The number of the newest row, also of one that is gone, so that no id is given twice.
    last: u64,
    rows: BTreeMap<u64, T>,
}

impl<T> Default for Table<T> {
    fn default() -> Self {
        Self { last: 0, rows: BTreeMap::new() }
    }
}

impl<T: Row> Table<T> {
    /// The id that the next row gets.
    pub fn next_id(&self) -> String {
        format!("{}{}", T::PREFIX, self.last + 1)
    }

    /// Adds a row, or replaces the one with its id. A row whose id is not of this table is left out.
    pub fn put(&mut self, row: T) {
        if let Some(number) = number::<T>(row.id()) {
            self.last = self.last.max(number);
            self.rows.insert(number, row);
        }
    }

    pub fn get(&self, id: &str) -> Option<&T> {
        self.rows.get(&number::<T>(id)?)
    }

    pub fn get_mut(&mut self, id: &str) -> Option<&mut T> {
        self.rows.get_mut(&number::<T>(id)?)
    }

    /// The row, or what Stripe answers where there is none.
    pub fn find(&self, id: &str) -> Result<&T, Failure> {
        self.get(id).ok_or_else(|| Failure::missing(T::NAME, id))
    }

    pub fn find_mut(&mut self, id: &str) -> Result<&mut T, Failure> {
        self.get_mut(id).ok_or_else(|| Failure::missing(T::NAME, id))
    }

    pub fn remove(&mut self, id: &str) -> Option<T> {
        self.rows.remove(&number::<T>(id)?)
    }

    /// The newest first, as Stripe lists.
    pub fn newest(&self) -> impl Iterator<Item = &T> {
        self.rows.values().rev()
    }

    pub fn oldest(&self) -> impl Iterator<Item = &T> {
        self.rows.values()
    }

    pub fn count(&self) -> usize {
        self.rows.len()
    }

    pub fn forget_oldest(&mut self) {
        self.rows.pop_first();
    }

    pub fn retain(&mut self, mut keeps: impl FnMut(&T) -> bool) {
        self.rows.retain(|_, row| keeps(row));
    }
}

impl<T: Row + Clone> Table<T> {
    /// A table of some of the rows, which gives the same ids next.
    pub fn only(&self, keeps: impl Fn(&T) -> bool) -> Self {
        let rows = self.rows.iter().filter(|(_, row)| keeps(row)).map(|(number, row)| (*number, row.clone()));
        Self { last: self.last, rows: rows.collect() }
    }
}

fn number<T: Row>(id: &str) -> Option<u64> {
    id.strip_prefix(T::PREFIX)?.parse().ok()
}
