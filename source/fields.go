package source

// task has the places for an element of TaskList.
type task struct {
	ID          word
	Name        word
	Status      whole
	Type        text
	Message     text
	Warning     text
	Description text
	Created     text
	Step        text
	Progress    amount
	Source      end
	Target      end
	DatahubID   text
}

func (t *task) place(name []byte) any {
	switch string(name) {
	case "TaskId":
		return &t.ID
	case "TaskName":
		return &t.Name
	case "Status":
		return &t.Status
	case "TaskType":
		return &t.Type
	case "ErrorMessage":
		return &t.Message
	case "WarnMessage":
		return &t.Warning
	case "Description":
		return &t.Description
	case "CreateTime":
		return &t.Created
	case "TaskCurrentStep":
		return &t.Step
	case "TaskProgress":
		return &t.Progress
	case "SourceResource":
		return &t.Source
	case "TargetResource":
		return &t.Target
	case "DatahubId":
		return &t.DatahubID
	}
	return nil
}

func (t *task) clear() { *t = task{} }

func (t *task) id() word { return t.ID }

func (t *task) item(like like) Item {
	before := like.details()
	return like.item(t.ID, t.Name, t.Status, Details{
		Type:        t.Type.like(before.Type, like.beside.Type),
		Message:     t.Message.cut().like(before.Message, like.beside.Message),
		Warning:     t.Warning.cut().like(before.Warning, like.beside.Warning),
		Description: t.Description.cut().like(before.Description, like.beside.Description),
		Created:     t.Created.like(before.Created, like.beside.Created),
		Step:        t.Step.like(before.Step, like.beside.Step),
		Progress:    t.Progress.or(0),
		Source:      t.Source.like(before.Source, like.beside.Source),
		Target:      t.Target.like(before.Target, like.beside.Target),
		DatahubID:   t.DatahubID.like(before.DatahubID, like.beside.DatahubID),
	})
}

// connection has the places for an element of ConnectResourceList.
type connection struct {
	ID          word
	Name        word
	Status      whole
	Type        text
	Message     text
	Description text
	Created     text
	Step        text
	Progress    amount
	Tasks       amount
	Leads       leads
}

func (c *connection) place(name []byte) any {
	switch string(name) {
	case "ResourceId":
		return &c.ID
	case "ResourceName":
		return &c.Name
	case "Status":
		return &c.Status
	case "Type":
		return &c.Type
	case "ErrorMessage":
		return &c.Message
	case "Description":
		return &c.Description
	case "CreateTime":
		return &c.Created
	case "CurrentStep":
		return &c.Step
	case "TaskProgress":
		return &c.Progress
	case "DatahubTaskCount":
		return &c.Tasks
	case "ClickHouseConnectParam", "CtsdbConnectParam", "DorisConnectParam", "DtsConnectParam", "EsConnectParam",
		"KafkaConnectParam", "MariaDBConnectParam", "MongoDBConnectParam", "MqttConnectParam", "MySQLConnectParam",
		"PostgreSQLConnectParam", "SQLServerConnectParam":
		return c.Leads.next()
	}
	return nil
}

func (c *connection) clear() { *c = connection{} }

func (c *connection) id() word { return c.ID }

func (c *connection) item(like like) Item {
	before := like.details()
	return like.item(c.ID, c.Name, c.Status, Details{
		Type:        c.Type.like(before.Type, like.beside.Type),
		Message:     c.Message.cut().like(before.Message, like.beside.Message),
		Description: c.Description.cut().like(before.Description, like.beside.Description),
		Created:     c.Created.like(before.Created, like.beside.Created),
		Step:        c.Step.like(before.Step, like.beside.Step),
		Progress:    c.Progress.or(0),
		Tasks:       c.Tasks.like(before.Tasks),
		Resource:    c.Leads.to().Resource.like(before.Resource, like.beside.Resource),
	})
}

// end has the places for one end of a task. All its parameters are null except
// those of its type.
type end struct {
	Type  text
	Leads leads
}

func (e *end) place(name []byte) any {
	switch string(name) {
	case "Type":
		return &e.Type
	case "ClickHouseParam", "CtsdbParam", "DtsParam", "EsParam", "KafkaParam", "MariaDBParam", "MongoDBParam", "MqttParam",
		"MySQLParam", "PostgreSQLParam", "SQLServerParam", "TopicParam":
		return e.Leads.next()
	}
	return nil
}

func (*end) optional() {}

func (e *end) like(before, beside End) End {
	to := e.Leads.to()
	return End{
		Type:         e.Type.like(before.Type, beside.Type),
		Resource:     to.Resource.like(before.Resource, beside.Resource),
		ResourceName: to.ResourceName.like(before.ResourceName, beside.ResourceName),
		Topic:        to.Topic.like(before.Topic, beside.Topic),
	}
}

// leads is what an end or a connection leads to: the last parameters that name a
// resource.
type leads struct{ named, newest param }

// next returns the place for the next parameters, which are usually null.
func (l *leads) next() *param {
	if len(l.newest.Resource) > 0 {
		l.named = l.newest
	}
	return &l.newest
}

func (l *leads) to() param {
	if len(l.newest.Resource) > 0 {
		return l.newest
	}
	return l.named
}

// param has the places for the parameters of an end or of a connection. The API
// sends users and passwords beside them.
type param struct {
	Resource     text
	ResourceName text
	Topic        text
}

func (p *param) place(name []byte) any {
	switch string(name) {
	case "Resource":
		return &p.Resource
	case "ResourceName":
		return &p.ResourceName
	case "Topic":
		return &p.Topic
	}
	return nil
}

func (p *param) opened() { *p = param{} }

func (*param) optional() {}
