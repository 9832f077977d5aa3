//! Test clocks, which all move the one time that there is here.

use serde_json::json;

use super::{Answer, page};
use crate::{engine::cycle, failure::Failure, objects::TestClock, params::Params, state::State};

pub fn create(state: &mut State, params: &Params) -> Answer {
    let time = params.whole("frozen_time")?.ok_or_else(|| Failure::missing_param("frozen_time"))?;
    cycle::advance(state, time);
    let row = TestClock { id: state.clocks.next_id(), name: params.owned("name"), created: state.now };
    let json = row.json(state.now);
    state.clocks.put(row);
    Ok(json)
}

pub fn list(state: &State, params: &Params) -> Answer {
    page("/v1/test_helpers/test_clocks", params, state.clocks.newest().map(|row| row.json(state.now)))
}

pub fn get(state: &State, id: &str) -> Answer {
    Ok(state.clocks.find(id)?.json(state.now))
}

pub fn advance(state: &mut State, id: &str, params: &Params) -> Answer {
    state.clocks.find(id)?;
    let time = params.whole("frozen_time")?.ok_or_else(|| Failure::missing_param("frozen_time"))?;
    if time <= state.now {
        let message = "A test clock can only be advanced to a time in its future.";
        return Err(Failure::invalid("frozen_time", message));
    }
    cycle::advance(state, time);
    get(state, id)
}

pub fn delete(state: &mut State, id: &str) -> Answer {
    state.clocks.remove(id).ok_or_else(|| Failure::missing("test clock", id))?;
    Ok(json!({ "id": id, "object": "test_helpers.test_clock", "deleted": true }))
}
