package source

// State is what a status code means.
type State struct {
	// Name is the API's word in lower case, as in the label "state".
	Name string
	// Chinese is the word in the API's Chinese documentation.
	Chinese string
	// Condition says whether someone should look.
	Condition Condition
}

// A Condition groups states by what they mean to a person on call.
type Condition string

const (
	// Running needs no attention.
	Running Condition = "running"
	// Changing is on its way to another state. It should not last.
	Changing Condition = "changing"
	// Paused was stopped by someone.
	Paused Condition = "paused"
	// Failed stays as it is until someone acts.
	Failed Condition = "failed"
	// Unknown is a code that is in no table, or no code at all.
	Unknown Condition = "unknown"
)

// taskStates and connectionStates are the API's two tables. They differ from 3 on.
var (
	taskStates = map[float64]State{
		-1: {"create_failed", "创建失败", Failed},
		0:  {"creating", "创建中", Changing},
		1:  {"running", "运行中", Running},
		2:  {"deleting", "删除中", Changing},
		3:  {"deleted", "已删除", Changing},
		4:  {"delete_failed", "删除失败", Failed},
		5:  {"pausing", "暂停中", Changing},
		6:  {"paused", "已暂停", Paused},
		7:  {"pause_failed", "暂停失败", Failed},
		8:  {"resuming", "恢复中", Changing},
		9:  {"resume_failed", "恢复失败", Failed},
	}
	connectionStates = map[float64]State{
		-1: {"create_failed", "创建失败", Failed},
		0:  {"creating", "创建中", Changing},
		1:  {"running", "运行中", Running},
		2:  {"deleting", "删除中", Changing},
		4:  {"delete_failed", "删除失败", Failed},
		5:  {"updating", "配置更改中", Changing},
		6:  {"update_failed", "配置更改失败", Failed},
		7:  {"abnormal", "异常", Failed},
	}
)

// State returns what a status of the kind's items means. A code in neither of
// the API's tables is unknown.
func (k Kind) State(status float64) State {
	if state, known := k.states[status]; known {
		return state
	}
	return State{"unknown", "未知", Unknown}
}
