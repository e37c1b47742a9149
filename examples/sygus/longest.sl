; The longer of two texts, the first of them where they are equally long.
(set-logic SLIA)
(synth-fun longest ((a String) (b String)) String
    ((Text String) (Number Int) (Test Bool))
    ((Text String (a b (str.++ Text Text) (ite Test Text Text)))
     (Number Int (0 1 (str.len Text) (+ Number Number)))
     (Test Bool ((< Number Number) (<= Number Number) (str.contains Text Text)))))
(declare-var a String)
(declare-var b String)
(constraint (or (= (longest a b) a) (= (longest a b) b)))
(constraint (>= (str.len (longest a b)) (str.len a)))
(constraint (>= (str.len (longest a b)) (str.len b)))
(constraint (=> (= (str.len a) (str.len b)) (= (longest a b) a)))
(check-synth)
